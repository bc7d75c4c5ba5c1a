// Keys of the annotation page: they press the page's own controls. Keys struck after a step wait
// until its row is on the page, so that none falls on the row before.
(() => {
  if (window.distillKeys) return;
  window.distillKeys = true;
  const STEPS = { Enter: "next", n: "next", p: "back", s: "skip", u: "undo" };
  const FIELDS = { "/": ".st-key-note input", ".": ".st-key-others input" };
  const LONGEST = 5000;
  const waiting = [];
  let left = null;
  let until = 0; // a page that does not answer takes keys again then

  const desk = () => document.getElementById("distill-desk");
  const control = (selector, place = 0) => document.querySelectorAll(selector)[place];

  const running = () => control(".stApp")?.dataset.testScriptState === "running";
  const drawn = () =>
    document.querySelectorAll('.st-key-codes input[type="checkbox"]').length >=
    Number(desk().dataset.codes);
  const busy = () =>
    Date.now() < until &&
    (running() || !drawn() || (left !== null && desk().dataset.turn === left));

  function meant(key) {
    if (key in STEPS) return control(`.st-key-step-${STEPS[key]} button`);
    if (key >= "1" && key <= "5" && key.length === 1)
      return control('.st-key-rating input[type="radio"]', Number(key) - 1);
    if (key in FIELDS) return control(FIELDS[key]);
    const place = key.length === 1 ? desk().dataset.letters.indexOf(key) : -1;
    return place < 0 ? undefined : control('.st-key-codes input[type="checkbox"]', place);
  }

  function drain() {
    while (waiting.length && desk()) {
      if (busy()) {
        setTimeout(drain, 15);
        return;
      }
      until = Date.now() + LONGEST;
      left = null;
      const key = waiting.shift();
      const found = meant(key);
      if (!found || found.disabled) continue;
      if (key in FIELDS) found.focus();
      else found.click();
      if (key in STEPS) left = desk().dataset.turn;
    }
  }

  document.addEventListener(
    "keydown",
    (event) => {
      if (!desk() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (event.target.matches('[role="combobox"]')) {
        if (event.key === "Escape") event.target.blur();
        return; // Enter takes what the search found
      }
      if (event.target.matches('input[type="text"], textarea')) {
        if (event.key === "Escape" || event.key === "Enter") event.target.blur();
        if (event.key !== "Enter") return;
      }
      if (!waiting.length) until = Date.now() + LONGEST;
      if (meant(event.key) || (busy() && (event.key.length === 1 || event.key === "Enter"))) {
        event.preventDefault();
        event.stopPropagation();
        if (event.repeat) return;
        waiting.push(event.key);
        drain();
      }
    },
    true,
  );
})();
