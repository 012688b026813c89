/** The scenario in hand: read, changed one step after the other, and every step can be undone. */

import { get, patch, post, remove } from "lib/api.js";

const PATH = "/api/v1/plan/scenarios";

/**
 * Make the store.
 * @param {{scenarios: Object[], onChange: (what: "list"|"scenario"|"cameras"|"selected") => void, onProblem: (problem: Error) => void}} options
 */
export function createStore({ scenarios, onChange, onProblem }) {
  const store = { scenarios, scenario: null, selected: null };
  const undos = [];
  let last = Promise.resolve();

  /** Do one thing after the other; one that fails keeps no other from being done. */
  const inTurn = (act) => {
    const done = last.then(act);
    last = done.catch(() => {});
    return done;
  };
  const path = (rest = "") => `${PATH}/${store.scenario.id}${rest}`;
  const cameraOf = (id) => store.scenario?.cameras_list.find((one) => one.id === id) ?? null;

  function take(whole) {
    store.scenario = whole;
    const row = store.scenarios.findIndex((one) => one.id === whole.id);
    if (row < 0) store.scenarios.unshift(whole);
    else store.scenarios[row] = whole;
    if (!cameraOf(store.selected)) store.selected = null;
    onChange("cameras");
  }

  async function reload() {
    take(await get(path()));
  }

  async function set(id, values) {
    const camera = cameraOf(id);
    const changed = await patch(path(`/cameras/${id}`), { version: camera.version, values });
    Object.assign(camera, changed);
    onChange("cameras");
  }

  const steps = {
    async open(id) {
      store.scenario = await get(`${PATH}/${id}`);
      store.selected = null;
      undos.length = 0;
      onChange("scenario");
    },
    async make(values) {
      const made = await post(PATH, values);
      store.scenarios.unshift(made);
      await steps.open(made.id);
      onChange("list");
    },
    async about(values) {
      await reload();
      const before = Object.fromEntries(Object.keys(values).map((name) => [name, store.scenario[name]]));
      take(await patch(path(), { version: store.scenario.version, ...values }));
      undos.push(async () => take(await patch(path(), { version: (await get(path())).version, ...before })));
      onChange("list");
    },
    async putAway(id) {
      await remove(`${PATH}/${id}`);
      store.scenarios = store.scenarios.filter((one) => one.id !== id);
      if (store.scenario?.id === id) Object.assign(store, { scenario: null, selected: null });
      undos.push(async () => {
        store.scenarios.unshift(await post(`${PATH}/${id}/undo`));
        await steps.open(id);
      });
      onChange("scenario");
    },
    async add(fields) {
      const { added, ...whole } = await post(path("/cameras"), fields);
      take(whole);
      steps.added(added);
      select(added[0]);
    },
    added(ids) {
      undos.push(async () => {
        for (const id of ids) await remove(path(`/cameras/${id}`));
        await reload();
      });
    },
    async change(id, values) {
      const before = Object.fromEntries(Object.keys(values).map((name) => [name, cameraOf(id)[name]]));
      await set(id, values);
      undos.push(() => set(id, before));
    },
    async drop(id) {
      await remove(path(`/cameras/${id}`));
      undos.push(async () => take(await post(path("/cameras/undo"), { cameras: [id] })));
      await reload();
    },
    async undo() {
      await undos.pop()?.();
      onChange("cameras");
    },
    reload,
  };

  function select(id) {
    store.selected = id;
    onChange("selected");
  }

  /** Remember how to undo something done elsewhere; it is undone in its turn, so it must not wait for one. */
  const remember = (undo) => {
    undos.push(async () => {
      await undo();
      if (store.scenario) await reload();
    });
    onChange("cameras");
  };
  // What a dialog asks for fails in the dialog; everything else is said on the page.
  const asked = Object.fromEntries(Object.entries(steps).map(([name, act]) => [name, (...values) => inTurn(() => act(...values))]));
  const said = Object.fromEntries(Object.entries(asked).map(([name, act]) => [name, (...values) => act(...values).catch(onProblem)]));
  return Object.assign(store, said, { asked, select, remember, cameraOf, path, canUndo: () => undos.length > 0 });
}
