// Reads one calendar with ical.js and says what stands in it, as JSON; run by test_calendar_parsers.py.
import { readFileSync } from 'node:fs';
import ICAL from 'ical.js';

const calendar = new ICAL.Component(ICAL.parse(readFileSync(process.argv[2], 'utf8')));
for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone);
const entries = calendar.getAllSubcomponents('vevent').map(found => {
  const event = new ICAL.Event(found);
  const attendees = found.getAllProperties('attendee');
  return {
    uid: event.uid,
    sequence: event.sequence,
    summary: event.summary,
    location: event.location,
    status: found.getFirstPropertyValue('status'),
    class: found.getFirstPropertyValue('class'),
    start: event.startDate.toJSDate().toISOString(),
    end: event.endDate.toJSDate().toISOString(),
    organizer: found.getFirstPropertyValue('organizer'),
    attendees: attendees.map(each => each.getFirstValue()),
  };
});
const zones = calendar.getAllSubcomponents('vtimezone').map(zone => zone.getFirstPropertyValue('tzid'));
console.log(JSON.stringify({ method: calendar.getFirstPropertyValue('method'), entries, zones }));
