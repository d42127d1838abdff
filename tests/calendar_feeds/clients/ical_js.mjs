// Thunderbird's and Nextcloud's parser: a calendar on standard input, JSON on standard output.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
for (const zone of calendar.getAllSubcomponents("vtimezone")) {
  ICAL.TimezoneService.register(new ICAL.Timezone(zone));
}
const read = {};
for (const component of calendar.getAllSubcomponents("vevent")) {
  const event = new ICAL.Event(component);
  const [start, end] = [event.startDate, event.endDate].map((at) => at.toJSDate().toISOString());
  read[event.uid] = { start, end, summary: event.summary };
}
console.log(JSON.stringify(read));
