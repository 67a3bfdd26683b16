// The loads of benchmarks/cases.py for k6; the same requests and checks as in workflow.toml.
import http from 'k6/http';
import { check, sleep } from 'k6';

const BASE = __ENV.BASE;
const PACE_MS = Number(__ENV.PACE_S) * 1000;
const WORKFLOW = __ENV.FLOW === 'workflow';
const JSON_HEADERS = { headers: { 'Content-Type': 'application/json' } };

export const options = {
  scenarios: { all: JSON.parse(__ENV.SCENARIO) },
  insecureSkipTLSVerify: true,
  discardResponseBodies: !WORKFLOW, // as k6's guide to large tests advises
  summaryTrendStats: ['avg', 'min', 'max', 'p(50)', 'p(95)', 'p(99)'],
  thresholds: WORKFLOW
    ? { http_req_duration: ['p(95)<2000'], http_req_failed: ['rate<0.01'], checks: ['rate>0.99'] }
    : {},
};

function workflow() {
  const created = http.post(`${BASE}/api/forms/intake`, JSON.stringify({
    title: 'Wedding Photography Consultation',
    couple: `couple-${__VU}-${__ITER}@example.com`,
    fields: [
      { name: 'wedding_date', type: 'date', required: true },
      { name: 'venue', type: 'text', required: true },
      { name: 'guests', type: 'number', required: false },
    ],
  }), JSON_HEADERS);
  check(created, {
    'form created': (r) => r.status === 200,
    'created quickly': (r) => r.timings.duration < 2000,
  });
  const form = created.json('id');

  const connected = http.post(`${BASE}/api/connections/${form}`, JSON.stringify({
    wedding_date: '2027-06-19', venue: 'Rosewood Barn',
  }), JSON_HEADERS);
  check(connected, { connected: (r) => r.status === 200 });

  const submitted = http.post(`${BASE}/api/forms/${form}/submit`, JSON.stringify({
    responses: { wedding_date: '2027-06-19', venue: 'Rosewood Barn', guests: 120 },
  }), JSON_HEADERS);
  check(submitted, {
    'journey starts': (r) => r.json('journey_triggered') === true,
    'submitted quickly': (r) => r.timings.duration < 2000,
  });
  const submission = submitted.json('id');

  const seen = http.get(`${BASE}/api/realtime/status/${submission}`);
  check(seen, { 'seen by the supplier': (r) => r.json('status') === 'submitted' });
}

const FLOWS = {
  plain: () => http.get(`${BASE}/`),
  large: () => http.get(`${BASE}/large`),
  workflow,
};
const flow = FLOWS[__ENV.FLOW];

export default function () {
  const begin = Date.now();
  flow();
  if (PACE_MS) {
    sleep(Math.max(0, PACE_MS - (Date.now() - begin)) / 1000);
  }
}

export function handleSummary(data) {
  return { [__ENV.SUMMARY]: JSON.stringify(data) };
}
