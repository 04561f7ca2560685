// The address for a calendar program: made, shown once, removed.
import { call } from "./api.js";
import { button, confirm, copy, find, make, onClick, onSubmit, say } from "./ui.js";
import { t } from "./words.js";

export function calendar() {
  const [form, place] = [find("calendar-form"), find("calendar-address")];

  onSubmit(form, async ({ detail }) => {
    const { url } = await call("POST", "appointments/feed", { body: { detail } });
    place.replaceChildren(
      make("code", { class: "token", tabindex: "0", role: "region", "aria-label": t("Address for your calendar") }, url),
      make("p", { class: "actions" },
        button(t("Copy"), () => copy(url, form), { place: form }),
        make("a", { class: "button", href: url.replace(/^https?:/, "webcal:") }, t("Open in the calendar"))),
      make("p", { class: "muted small" }, t("In a calendar program it goes where calendars are added “by address” or “from URL”. Whoever has the address sees the times of your appointments, so give it to nobody. If it is lost, remove it and make a new one.")));
    say(form, t("Here is the address. It is shown only now, so copy it."), "good");
  });

  onClick(find("calendar-remove"), async () => {
    if (!await confirm(t("Remove the address?"), t("Calendars that use it show no changes any more. Your appointments stay."), t("Remove the address"))) return;
    await call("DELETE", "appointments/feed");
    place.replaceChildren();
    say(form, t("The address does not work any more."), "good");
  }, form);

  return { clear: () => place.replaceChildren() };
}
