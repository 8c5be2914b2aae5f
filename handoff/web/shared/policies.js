/** R13: staff read the current policies and say so, before the first claim and again when one changes. */

import { get, post } from "./api.js";
import { blocks, el } from "./text.js";

const TITLES = { code_of_contact: "Code of contact", notice: "Confidentiality notice" };

/** @param {HTMLElement} box @param {() => void} onDone once nothing is left to read */
export async function showPolicies(box, onDone) {
  const me = await get("/me");
  const unread = me.policies.filter((/** @type {any} */ policy) => !policy.acknowledged);
  box.hidden = unread.length === 0;
  box.replaceChildren();
  if (unread.length === 0) return onDone();
  box.append(el("h2", {}, "Read before you claim"));
  box.append(el("p", {}, `${unread.length} current policy texts are not acknowledged by you yet. You can claim once you have read them.`));
  for (const policy of unread) box.append(draw(policy, () => showPolicies(box, onDone)));
}

/** @param {any} policy @param {() => void} onRead */
function draw(policy, onRead) {
  const title = `${TITLES[policy.kind] ?? policy.kind}, ${policy.service}, version ${policy.version}`;
  const button = el("button", { type: "button", class: "primary" }, "I have read and understood this");
  const said = el("p", { role: "status" });
  button.addEventListener("click", async () => {
    try {
      await post("/acknowledge", { text_id: policy.text_id });
      onRead();
    } catch (why) {
      said.textContent = String(/** @type {Error} */ (why).message);
    }
  });
  const text = el("details", {}, el("summary", {}, title), el("h3", {}, policy.title), blocks(policy.body), button, said);
  return el("div", { class: "box" }, text);
}
