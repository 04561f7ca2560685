// Invitations from a CSV file: first what would happen, then the invitations.
import { call } from "./api.js";
import { ask, button, make, onSubmit, say } from "./ui.js";

const PATH = "admin/users/import";
const MOST_BYTES = 256 * 1024;

// Where something is wrong, as a person finds it in a spreadsheet.
function place({ row }, { column, field }) {
  return column ? `Row ${row}, column ${column} (${field})` : `Row ${row}`;
}

function faultsOf(row) {
  if (!row.faults.length) return [make("li", {}, `Row ${row.row}: ${row.reason}`)];
  return row.faults.map((fault) => make("li", {}, `${place(row, fault)}: ${fault.message}`));
}

function outcome({ rows, skipped_columns: skipped }, words) {
  const refused = rows.filter((row) => row.outcome === "refused");
  const others = rows.filter((row) => row.outcome !== "refused");
  const shown = [];
  if (skipped.length) shown.push(make("p", {}, `Not known and skipped: column ${skipped.join(", ")}.`));
  if (refused.length) shown.push(make("h3", {}, "What is refused"), make("ul", {}, ...refused.flatMap(faultsOf)));
  if (others.length) {
    const people = others.map((row) => make("li", {}, row.email));
    shown.push(make("details", {}, make("summary", {}, words), make("ul", {}, ...people)));
  }
  return shown;
}

const many = (count) => (count === 1 ? "1 invitation" : `${count} invitations`);
const lines = (count) => (count === 1 ? "1 row" : `${count} rows`);

// Opens the dialog; the answer is whether somebody was invited.
export function importUsers() {
  return ask("Invite many from a file", (done) => {
    const result = make("div", { class: "stack" });
    let isInvited = false;
    const file = make("input", { id: "import-file", name: "file", type: "file", required: true, accept: ".csv,text/csv", "aria-describedby": "import-hint",
      change: () => result.replaceChildren() });
    const form = make("form", {},
      make("div", { class: "field" }, make("label", { for: "import-file" }, "CSV file"), file,
        make("span", { class: "hint", id: "import-hint" },
          "The first row names the columns: email, user_type (staff or admin) and first_name; if you like last_name, username and mobile. "
          + "Up to 1,000 rows. Nothing is sent before you have seen what would happen.")),
      make("p", { class: "actions" }, make("button", { class: "primary" }, "Check the file"),
        make("button", { type: "button", click: () => done(isInvited) }, "Close")));

    const send = (bytes, query) => call("POST", PATH, { file: bytes, query });

    // A large file may take several requests; what an earlier one invited counts as invited, not as taken.
    const earlier = new Map();

    async function invite(bytes) {
      const answer = await send(bytes, {});
      const rows = answer.rows.map((row) => earlier.get(row.row) ?? row);
      for (const row of rows.filter(({ outcome: it }) => it === "invited")) earlier.set(row.row, row);
      const left = rows.filter(({ code }) => code === "REQUEST_TIMEOUT").length;
      const others = rows.filter(({ code }) => code !== "REQUEST_TIMEOUT");
      isInvited ||= earlier.size > 0;
      result.replaceChildren(...outcome({ ...answer, rows: others }, "Who was invited"));
      if (left) result.append(make("p", { class: "actions" }, button("Send the rest", () => invite(bytes), { kind: "primary", place: form })));
      const refused = others.length - earlier.size;
      const rest = left ? ` There was no time for ${lines(left)} yet.` : "";
      say(form, `${many(earlier.size)} on the way, ${refused} refused.${rest}`, refused || left ? "bad" : "good");
    }

    onSubmit(form, async () => {
      result.replaceChildren();
      earlier.clear();
      const [chosen] = file.files;
      if (chosen.size > MOST_BYTES) {
        say(form, "The file is larger than 256 KiB. Send it in parts.", "bad");
        return;
      }
      // The same bytes are checked and sent, even if the file changes meanwhile.
      const bytes = await chosen.arrayBuffer();
      const answer = await send(bytes, { dry_run: true });
      const go = button(`Send ${many(answer.invited)}`, () => invite(bytes), { kind: "primary", place: form });
      result.replaceChildren(...outcome(answer, "Who would be invited"), ...(answer.invited ? [make("p", { class: "actions" }, go)] : []));
      say(form, `${many(answer.invited)} would be sent, ${lines(answer.refused)} would be refused. Nothing is sent yet.`, answer.refused ? "bad" : "good");
    });
    return [form, result];
  });
}
