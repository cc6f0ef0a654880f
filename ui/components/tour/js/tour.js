// A tour: a modal dialog in the browser's top layer that highlights one control after the other. The dialog element brings
// the keyboard's Escape, the focus that stays inside, and the page behind it that can not be clicked by accident.

const EDGE = 12; // CSS pixels between highlight, bubble and the edges of the window

class Tour {
  constructor(root) {
    this.title = element("h2", { id: "tour-title" });
    this.text = element("p", { id: "tour-text" });
    this.count = element("span", { class: "count" });
    this.back = toolButton("Previous step", "Back", () => this.go(this.step - 1));
    this.next = toolButton("Next step", "Next", () => this.go(this.step + 1));
    this.next.classList.add("next");
    const close = toolButton("End the tour", "✕", () => this.dialog.close());
    const steps = element("div", { class: "steps" }, this.count, this.back, this.next, close);
    this.light = element("div", { class: "light" });
    this.bubble = element("div", { class: "bubble" }, this.title, this.text, steps);
    this.dialog = element(
      "dialog",
      { "aria-labelledby": "tour-title", "aria-describedby": "tour-text", onkeydown: (event) => this.key(event) },
      this.light,
      this.bubble,
    );
    this.button = element("button", { type: "button", class: "tool open", onclick: () => this.start() }, "Show me around");
    root.replaceChildren(this.button, this.dialog);
    this.follow = onceAFrame(() => this.place());
    this.dialog.addEventListener("close", () => this.ended());
  }

  adopt({ stops, start, following }) {
    this.stops = stops;
    this.following = following;
    if (start && !this.started) this.start();
  }

  start() {
    this.started = true;
    this.dialog.showModal();
    // Scrolling happens inside Streamlit's containers, and pictures arrive late: capture, and look again now and then
    window.addEventListener("scroll", this.follow, { capture: true, passive: true });
    window.addEventListener("resize", this.follow);
    this.watch = setInterval(this.follow, 250);
    this.go(0);
  }

  ended() {
    window.removeEventListener("scroll", this.follow, { capture: true });
    window.removeEventListener("resize", this.follow);
    clearInterval(this.watch);
  }

  dispose() {
    this.ended();
    this.dialog.close();
  }

  go(step) {
    if (step < 0) return;
    if (step >= this.stops.length) {
      this.dialog.close();
      if (this.following) window.location.assign(new URL(this.following, document.baseURI));
      return;
    }
    this.step = step;
    const { title, text } = this.stops[step];
    this.title.textContent = title;
    this.text.textContent = text;
    this.count.textContent = `${step + 1} of ${this.stops.length}`;
    this.back.disabled = step === 0;
    const last = step === this.stops.length - 1;
    const onward = last && this.following;
    this.next.textContent = onward ? "Next page" : last ? "Done" : "Next";
    this.next.setAttribute("aria-label", onward ? "The tour goes on, on the next page" : last ? "Done: end the tour" : "Next step");
    this.next.focus();
    this.reveal();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowRight" || event.key === "ArrowDown") this.go(Math.min(this.step + 1, this.stops.length - 1));
    else if (event.key === "ArrowLeft" || event.key === "ArrowUp") this.go(this.step - 1);
    else return;
    event.preventDefault();
  }

  get target() {
    return document.querySelector(this.stops[this.step].target);
  }

  // What lies in a folded side bar (a phone) is unfolded; what does not is not hidden behind an open one.
  reveal() {
    const narrow = window.innerWidth < 768;
    const bar = document.querySelector("[data-testid=stSidebar]");
    const inside = Boolean(this.target?.closest("[data-testid=stSidebar]"));
    const open = bar?.getAttribute("aria-expanded") === "true";
    if (bar && inside && !open) document.querySelector("[data-testid=stExpandSidebarButton]")?.click();
    if (bar && narrow && !inside && open) bar.querySelector("[data-testid=stSidebarCollapseButton] button")?.click();
    this.target?.scrollIntoView({ block: this.tall ? "start" : "center", inline: "nearest" });
    this.place();
  }

  get tall() {
    return (this.target?.getBoundingClientRect().height ?? 0) > 0.6 * window.innerHeight;
  }

  // The highlight around the target, the bubble below it, else above it, else over it.
  place() {
    if (!this.dialog.open) return;
    const box = this.target?.getBoundingClientRect();
    const seen = box && box.width > 0 && box.height > 0;
    const { innerWidth: width, innerHeight: height } = window;
    const top = seen ? Math.max(EDGE / 2, box.top - 6) : height / 3;
    const bottom = seen ? Math.min(height - EDGE / 2, box.bottom + 6) : height / 3;
    const left = seen ? Math.max(EDGE / 2, box.left - 6) : width / 2;
    const right = seen ? Math.min(width - EDGE / 2, box.right + 6) : width / 2;
    Object.assign(this.light.style, {
      left: `${left}px`,
      top: `${top}px`,
      width: `${Math.max(0, right - left)}px`,
      height: `${Math.max(0, bottom - top)}px`,
      borderWidth: seen ? "" : "0",
    });
    const { offsetWidth: wide, offsetHeight: high } = this.bubble;
    const fits = [bottom + EDGE, top - EDGE - high].find((y) => y >= EDGE && y + high <= height - EDGE);
    const x = Math.min(width - wide - EDGE, Math.max(EDGE, (left + right - wide) / 2));
    this.bubble.style.left = `${x}px`;
    this.bubble.style.top = `${fits ?? height - high - EDGE}px`;
  }
}

export default function (component) {
  const root = component.parentElement.querySelector(".root");
  root.tour ??= new Tour(root);
  root.tour.adopt(JSON.parse(component.data));
  return () => {
    root.tour?.dispose();
    root.tour = undefined;
  };
}
