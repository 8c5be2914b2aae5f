/** The chat page: its buttons. Nothing connects before the person starts it. */

import { byId } from "/web/shared/text.js";
import { countCharacters } from "./composer.js";
import { Conversation } from "./conversation.js";
import { leaver, stayGone, watchShift } from "./exit.js";
import { listenToParent } from "./parent.js";
import { Place } from "./place.js";
import { keepInSight } from "./scroll.js";
import { closeTray, openTray } from "./tray.js";
import * as words from "./words.js";

const page = document.body.dataset;
const exitTo = page.exit ?? "/";
const place = new Place();
const conversation = new Conversation({
  service: page.service ?? "",
  helpline: page.helpline ?? "",
  max: Number(page.max),
  token: () => place.token,
  onEnded: ended,
  onReopened: reopened,
  onComplaintRefused: complain,
  hideAfterMs: Number(page.hideAfter) * 1000,
  onLongAway: longAway,
});
const keeps = /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll("[data-keep]")]);
/** @type {Window[]} policy tabs, closed with the chat */
const tabs = [];
let left = false;

/** @param {string} id @param {() => void} press */
const onPress = (id, press) => byId(id).addEventListener("click", press);

/** @param {boolean} hidesEarlier */
function start(hidesEarlier) {
  byId("before").hidden = true;
  byId("talk").hidden = false;
  reopened();
  for (const box of keeps) box.checked = place.keeps;
  conversation.open({ hidesEarlier });
  byId("words").focus(); // the button just pressed is gone
}

function startNew() {
  closeTray();
  conversation.wipe();
  const keep = keeps.some((box) => box.checked);
  place.wipe();
  place.keeps = keep;
  place.start();
  start(false);
}

/** @param {boolean} hidesEarlier */
function comeBack(hidesEarlier) {
  if (!place.token) place.resume(); // after a reload; a page that stayed open has it still
  start(hidesEarlier);
}

/** Back to a screen that tells nothing, and asks whether it is safe to show what was said. */
function longAway() {
  closeTray();
  byId("talk").hidden = byId("start").hidden = true;
  byId("before").hidden = byId("come-back").hidden = false;
}

function reopened() {
  for (const id of ["person", "complain", "end"]) byId(id).hidden = false;
  byId("ended").hidden = true;
}

function ended() {
  closeTray();
  byId("ended").hidden = false; // M16 or not: a new contact always opens
  byId("end").hidden = byId("person").hidden = true;
  place.keep(false);
  for (const box of keeps) box.checked = false;
}

/** M14. A complaint that was refused comes back with its words. @param {string} text @param {string} why */
function complain(text, why) {
  const tray = openTray("complain-form", byId("complain"));
  const box = byId("complaint");
  const said = byId("complaint-said");
  box.value = text;
  said.textContent = why;
  tray.querySelector("form")?.addEventListener("submit", (event) => {
    event.preventDefault();
    const over = countCharacters(box.value) - Number(page.max);
    if (over > 0) said.textContent = words.tooLong(over, Number(page.max));
    if (over > 0 || !box.value.trim()) return;
    conversation.put("complain", { text: box.value });
    conversation.note(words.COMPLAINT_SENDING);
    closeTray();
  });
}

const tellParent = listenToParent(
  (page.origins ?? "").split(" "),
  () => {
    const untouched = !byId("before").hidden && !byId("start").hidden;
    if (untouched) startNew(); // the launcher's press was the person's
  },
  () => leave(),
);

const leave = leaver({
  to: exitTo,
  cover: byId("cover"),
  token: () => place.token ?? place.kept,
  wipe() {
    left = true;
    conversation.line.send({ t: "leave", how: "exit" });
    conversation.wipe();
    place.wipe();
    for (const tab of tabs) tab.close();
  },
  tellParent,
});

byId("exit").addEventListener("click", (/** @type {Event} */ event) => {
  event.preventDefault();
  leave();
});
watchShift(window, leave);
stayGone(() => left, exitTo);

document.addEventListener("click", (event) => {
  const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest("a[target=_blank]"));
  if (!link) return;
  event.preventDefault();
  const tab = window.open(link.href, "_blank");
  if (tab) tabs.push(tab);
});

for (const box of keeps) {
  box.checked = false; // browsers bring back old ticks
  box.addEventListener("change", () => {
    for (const other of keeps) other.checked = box.checked;
    place.keep(box.checked);
  });
}

onPress("start-chat", startNew);
onPress("new-chat", startNew);
onPress("come-back-new", startNew);
onPress("come-back-show", () => comeBack(false));
onPress("come-back-hide", () => comeBack(true));
onPress("reveal", () => {
  conversation.reveal();
  byId("reveal").hidden = true;
  byId("scroll").focus();
});
onPress("person", () => {
  conversation.put("person", {});
  conversation.note(words.ASKING_PERSON);
});
onPress("complain", () => complain("", ""));
onPress("end", () => {
  const tray = openTray("end-card", byId("end"));
  tray.querySelector("[data-yes]")?.addEventListener("click", () => {
    closeTray();
    if (!conversation.line.send({ t: "leave", how: "end" })) conversation.note(words.lost(page.helpline ?? ""));
  });
});

keepInSight();
byId("no-script").hidden = true;
byId(place.kept ? "come-back" : "start").hidden = false;
