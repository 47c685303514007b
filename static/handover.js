// The button that prints, and what still waits on this device; without script the browser's own
// menu prints, and nothing waits.

const print_ = document.getElementById("print");
print_.hidden = false;
print_.addEventListener("click", () => print());

const line = document.getElementById("unsent");
unsent.list().then((items) => {
  const here = items.filter(({ site }) => site === line.dataset.site).length;
  line.textContent = here === 1 ? line.dataset.one : line.dataset.many.replace("{}", here);
  line.hidden = !here;
});
