// A stage: one act at a time, and what the reader set on it.

const STAGE_MEMORY = new Map(); // by key of the element; survives reruns, until the page is reloaded
const ACTS = {
  copies: CopiesAct,
  votes: VotesAct,
  pictures: PicturesAct,
  wipe: WipeAct,
  state_steps: StepsAct,
  node_steps: StepsAct,
  levels: LevelsAct,
  game: GameAct,
};

class Stage {
  constructor(root) {
    this.root = root;
    this.store = new BlobStore();
    this.updates = 0;
    this.observer = new ResizeObserver(() => this.layout());
    this.observer.observe(root);
  }

  async update(component) {
    const ticket = ++this.updates;
    this.send = component.setStateValue;
    const { header, blobs } = readMessage(component.data);
    const decoded = await this.store.load(blobs);
    if (ticket !== this.updates) return;
    const theme = readTheme(this.root);
    const content = JSON.stringify([header, theme]);
    if (content === this.content) return; // a rerun that changed nothing here: what moves goes on
    this.content = content;
    this.act?.dispose();
    this.decoded = decoded;
    this.digests = blobs.map(({ digest }) => digest);
    this.scene = { ...header, decoded, painted: new Map(), theme, scratch: scratchCanvas() };
    this.act = new ACTS[header.kind](this);
    this.root.replaceChildren(this.act.node);
    this.layout();
  }

  layout() {
    if (this.act && this.root.clientWidth) this.act.layout(this.root.clientWidth);
  }

  pick([row, column]) {
    STAGE_MEMORY.delete(`${this.scene.key}/copies`);
    this.send("picked", { row, column, stamp: Date.now() });
  }

  recall(name, first) {
    return STAGE_MEMORY.get(`${this.scene.key}/${name}`) ?? first;
  }

  remember(name, value) {
    STAGE_MEMORY.set(`${this.scene.key}/${name}`, value);
  }

  dispose() {
    this.act?.dispose();
    this.observer.disconnect();
    this.root.replaceChildren();
  }
}

export default function (component) {
  const root = component.parentElement.querySelector(".root");
  root.stage ??= new Stage(root);
  root.stage.update(component);
  return () => {
    root.stage?.dispose();
    root.stage = undefined;
  };
}
