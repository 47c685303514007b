// A page of the office follows the board for one thing alone: the banner of an alert. What
// somebody is typing in stays as it is.

const live = document.currentScript.dataset.live;
let news;

function follow() {
  news = new EventSource(live);
  news.onmessage = ({ data }) => {
    const fresh = new DOMParser().parseFromString(data, "text/html").getElementById("alerts");
    if (fresh) document.getElementById("alerts").replaceWith(fresh);
  };
  news.onerror = () => {
    if (news.readyState === EventSource.CLOSED) setTimeout(follow, 10000 + Math.random() * 10000);
  };
}

// A browser has few connections for all of its tabs: a page that nobody sees keeps none.
document.addEventListener("visibilitychange", () => {
  news?.close();
  if (!document.hidden) follow();
});
if (!document.hidden) follow();
