/** An outage in hand: what is out, how many it took, and who they are. */

import { age, exact } from "lib/ages.js";
import { get } from "lib/api.js";
import { make } from "lib/dom.js";
import { label, t } from "lib/words.js";
import { signOfMany } from "map/symbols.js";

import { key, keyLink } from "./parts.js";

const LISTED = 30;

/** Return what to show of an outage and what the keys do. */
export async function outageFocus({ id, lng, lat }, { onShow }) {
  const outage = await get(`/api/v1/outages/${id}?most=${LISTED}`);
  const enter = () => onShow(lng, lat);
  const page = `/outages/${id}`;
  const parts = [
    make("div", {}, make("div", { class: "place", text: outage.name }), make("div", { class: "sub", text: label("OutageKind", outage.cause_kind) })),
    make("div", { class: "state" }, signOfMany(), make("b", { text: t("%(n)s of %(all)s still lost", { n: outage.lost_now, all: outage.lost }) }), make("time", { datetime: outage.opened_at, title: exact(outage.opened_at), text: age(outage.opened_at) }), make("small", { text: `${t("Cause")}: ${label("OutageCause", outage.cause)}` })),
    make("ul", { class: "members" }, ...outage.members.map(member)),
    make("div", { class: "keys" }, keyLink(t("All members"), "R", page), key(t("Show on the map"), "Enter", enter, "wide")),
  ];
  return { title: t("Outage"), note: String(outage.lost_now), parts, acts: { enter, record: () => location.assign(page) } };
}

function member({ code, name, until }) {
  return make("li", { class: until ? "back" : "" }, make("a", { href: `/cameras/${encodeURIComponent(code)}`, text: name }), make("small", { text: until ? t("back") : "" }));
}
