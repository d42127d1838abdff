// A calendar on standard input, JSON on standard output.
import { readFileSync } from "node:fs";
import ical from "node-ical";

const read = {};
for (const entry of Object.values(ical.sync.parseICS(readFileSync(0, "utf8")))) {
  if (entry.type === "VEVENT") {
    const [start, end] = [entry.start, entry.end].map((at) => at.toISOString());
    read[entry.uid] = { start, end, summary: entry.summary };
  }
}
console.log(JSON.stringify(read));
