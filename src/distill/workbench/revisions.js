// The keys y and n say that the first edit without a verdict is good or bad. Keys struck while the
// page is being drawn wait, so that none falls on another edit.
(() => {
  if (window.distillVerdicts) return;
  window.distillVerdicts = true;
  const KEYS = { y: 0, n: 1 };
  const waiting = [];

  const running = () =>
    document.querySelector(".stApp")?.dataset.testScriptState === "running";
  const open = () =>
    [...document.querySelectorAll('[class*="st-key-edit-"] [role="radiogroup"]')].find(
      (one) => !one.querySelector("input:checked"),
    );

  function drain() {
    if (!waiting.length) return;
    if (running()) {
      setTimeout(drain, 15);
      return;
    }
    const choice = open()?.querySelectorAll("input")[KEYS[waiting.shift()]];
    if (choice) {
      choice.click();
      choice.closest('[class*="st-key-edit-"]').scrollIntoView({ block: "nearest" });
    }
    setTimeout(drain, 60); // until the page has begun to answer
  }

  document.addEventListener("keydown", (event) => {
    if (!(event.key in KEYS) || event.ctrlKey || event.metaKey || event.altKey || event.repeat)
      return;
    if (event.target.matches('input[type="text"], input[type="number"], textarea') || !open())
      return;
    waiting.push(event.key);
    if (waiting.length === 1) drain();
  });
})();
