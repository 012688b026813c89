/** The figures of the page: the cell in hand and what the scenario changes; asked for again whenever something moves. */

import { get, post } from "lib/api.js";
import { one, quietly } from "lib/dom.js";
import { showCell } from "./cell.js";
import { showEffect } from "./figures.js";

/**
 * Keep the figures true.
 * @param {{cell: ?string, store: Object, onViews: (features: Object[]) => void, onCell: (code: ?string) => void, onProblem: (problem: Error) => void}} options
 */
export function createShares({ cell, store, onViews, onCell, onProblem }) {
  let figures = null;
  let tried = 0;

  function show(isOld = false) {
    const box = one("#effect");
    box.hidden = !figures;
    if (figures) showEffect(box, figures, { onChoose: choose, isOld });
    return isOld ? null : showChosen();
  }

  const showChosen = () => showCell(one("#cell"), cell, figures?.cells.find(({ code }) => code === cell) ?? null);

  /** Ask for views and figures, once things are quiet; what is on the page stays until they are there. */
  const refresh = quietly(oneByOne(async () => {
    const { scenario } = store;
    if (!scenario?.cameras_list.length) {
      figures = null;
      onViews([]);
      return show();
    }
    show(true);
    try {
      const [views, shares] = await Promise.all([get(store.path("/views")), get(store.path("/shares"))]);
      if (store.scenario?.id !== scenario.id) return;
      figures = shares;
      onViews(views.features);
    } catch (problem) {
      onProblem(problem);
    }
    show();
  }), 250);

  const ask = quietly(oneByOne(async (camera, turn) => {
    if (turn !== tried) return;
    const { version, camera_id, camera_code, scenario_id, ...fields } = camera;
    const found = await post(store.path("/shares"), { cameras: [fields] }).catch(() => null);
    if (!found || !figures || turn !== tried) return;
    const others = figures.cells.filter(({ code }) => !found.cells.some((other) => other.code === code));
    figures = { ...figures, cells: [...others, ...found.cells] };
    show();
  }), 120);

  function choose(code) {
    cell = code;
    onCell(code);
    return showChosen();
  }

  return {
    refresh,
    choose,
    showChosen,
    cell: () => cell,
    /** Ask what the cells would be if a camera stood as it is tried; a newer question takes the place of an older one. */
    try: (camera) => ask(camera, tried),
    /** Forget what was being tried. */
    settle() {
      tried += 1;
    },
    forget() {
      figures = null;
      show();
    },
  };
}

/** Never ask twice at once, however slow the server is: of what came meanwhile only the last is asked. */
function oneByOne(act) {
  let isBusy = false;
  let next = null;
  return async function run(...values) {
    if (isBusy) {
      next = values;
      return;
    }
    isBusy = true;
    await act(...values);
    isBusy = false;
    const wanted = next;
    next = null;
    if (wanted) await run(...wanted);
  };
}
