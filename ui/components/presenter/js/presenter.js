// Presenter mode. Keys are read on the window before anything else reads them, whatever has the focus; only where
// text is typed do letters stay letters.

const KEYS = [
  ["PageDown, PageUp", "next and previous step or figure, larger and smaller budget"],
  ["B or full stop", "black screen"],
  ["N", "speaker notes, in a window of their own"],
  ["Q", "code of this address, for telephones"],
  ["H or ?", "these keys"],
  ["Escape", "close what is open, then leave the stage"],
];
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];
let notesWindow = null; // survives page changes

class Presenter {
  constructor(root) {
    this.root = root;
    this.button = element("button", { type: "button", class: "tool go", title: "Presenter mode (Alt+P)", onclick: () => this.switch() }, "Present");
    this.leave = element("button", { type: "button", class: "tool leave", "aria-label": "Leave presenter mode", title: "Leave (Escape), keys: H", onclick: () => this.switch() }, "✕");
    this.cover = element("div", { class: "cover", role: "dialog", "aria-modal": "true", hidden: true, tabindex: "-1", onclick: () => this.close() });
    root.replaceChildren(this.button, this.leave, this.cover);
    this.listener = (event) => this.key(event);
    window.addEventListener("keydown", this.listener, true);
  }

  adopt(component) {
    this.trigger = component.setTriggerValue;
    this.state = component.setStateValue;
    Object.assign(this, JSON.parse(component.data));
    this.button.hidden = this.stage;
    this.leave.hidden = !this.stage;
    if (!this.stage) this.close();
    this.fillNotes();
    if (this.open === "code") this.showCode();
  }

  dispose() {
    clearInterval(this.watch);
    window.removeEventListener("keydown", this.listener, true);
  }

  switch() {
    // what is wanted, not "the other one": a rerun that comes in between may hand it over twice
    this.stage = !this.stage; // at once: the next key may come before the page has been drawn
    this.state("switched", { stage: this.stage, stamp: Date.now() });
  }

  key(event) {
    if (event.altKey && event.code === "KeyP") return this.take(event, () => this.switch());
    if (!this.stage || event.ctrlKey || event.altKey || event.metaKey) return;
    const act = {
      b: () => this.toggle("black"), ".": () => this.toggle("black"), q: () => this.toggle("code"),
      n: () => this.openNotes(), h: () => this.toggle("help"), "?": () => this.toggle("help"),
    }[event.key.toLowerCase()];
    if (event.key === "Escape") this.take(event, () => (this.open ? this.close() : this.switch()));
    else if (act && !typing(event)) this.take(event, act);
  }

  take(event, act) {
    event.preventDefault();
    event.stopImmediatePropagation();
    act();
  }

  toggle(what) {
    if (this.open === what) return this.close();
    this.close();
    this.open = what;
    this.cover.hidden = false;
    this.cover.className = `cover ${what}`;
    this.cover.setAttribute("aria-label", { black: "Black screen", code: "Code of this address", help: "Keys" }[what]);
    if (what === "black") this.cover.replaceChildren();
    if (what === "help") this.cover.replaceChildren(element("dl", {}, ...KEYS.flatMap(([key, text]) => [element("dt", {}, key), element("dd", {}, text)])));
    if (what === "code") this.askCode();
    this.cover.focus({ preventScroll: true });
  }

  // The address may change below the code (page keys move the budget): then the old code is gone at once.
  askCode() {
    this.asked = window.location.href;
    if (this.code.address === this.asked) this.showCode(); // it came while something else was open
    else {
      this.cover.replaceChildren(element("p", {}, "Making the code …"));
      this.trigger("code", this.asked);
    }
    this.watch ??= setInterval(() => {
      if (this.open === "code" && this.asked !== window.location.href) this.askCode();
    }, 250);
  }

  showCode() {
    if (this.code.address !== window.location.href) return;
    const words = [element("p", { class: "address" }, this.code.address)];
    if (LOOPBACK.includes(window.location.hostname)) {
      words.push(element("p", {}, "Only this computer reaches this address. To share it, start the server with --server.address=0.0.0.0 and open it by the computer's own name."));
    }
    const picture = this.code.picture
      ? element("img", { src: this.code.picture, alt: `QR code of ${this.code.address}` })
      : element("p", {}, "This address is too long for a code: copy the link instead.");
    this.cover.replaceChildren(picture, ...words);
  }

  close() {
    clearInterval(this.watch);
    this.open = this.watch = null;
    this.cover.hidden = true;
    this.cover.replaceChildren();
  }

  openNotes() {
    if (!notesWindow || notesWindow.closed) notesWindow = window.open("", "lrs-notes", "popup,width=560,height=520");
    this.fillNotes();
    window.focus();
  }

  fillNotes() {
    if (!notesWindow || notesWindow.closed) return;
    const { document } = notesWindow;
    document.title = "Speaker notes";
    const style = element("style", {}, "body { font: 20px/1.5 sans-serif; margin: 1.2rem; color: #1c2328; background: #fbfaf7; white-space: pre-wrap; } h1 { font-size: 22px; }");
    document.head.replaceChildren(document.adoptNode(style), document.adoptNode(element("title", {}, "Speaker notes")));
    document.body.replaceChildren(document.adoptNode(element("h1", {}, this.page)), document.adoptNode(element("p", {}, this.notes.trim())));
  }
}

// Whether a key belongs to a field: switches, sliders and choices keep no letters.
function typing(event) {
  const [target] = event.composedPath();
  if (target.isContentEditable || target.tagName === "TEXTAREA" || target.tagName === "SELECT") return true;
  return target.tagName === "INPUT" && !["checkbox", "radio", "range", "button"].includes(target.type);
}

export default function (component) {
  const root = component.parentElement.querySelector(".root");
  root.presenter ??= new Presenter(root);
  root.presenter.adopt(component);
  return () => {
    root.presenter?.dispose();
    root.presenter = undefined;
  };
}
