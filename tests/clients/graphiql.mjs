// Uses the page at BASE_URL as a person does, in a real browser: reads the schema, runs every example, types a query of its own.
// Any request to another origin, failed request, console error or breach of the Content-Security-Policy is a failure.
// Usage: node graphiql.mjs BASE_URL SCREENSHOT.png
//   CHROMIUM     the browser's path, /usr/bin/chromium by default
//   EXPECT_TEXT  what the typed query's answer must contain, "name": by default
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [base, screenshot] = process.argv.slice(2);
if (!base || !screenshot) {
  console.error('usage: node graphiql.mjs BASE_URL SCREENSHOT.png');
  process.exit(2);
}
const { origin, hostname } = new URL(base);
const query = '{ institutions(first: 2) { nodes { name } } }';
const expected = process.env.EXPECT_TEXT ?? '"name":';

const profile = mkdtempSync(join(tmpdir(), 'concord-browser-'));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  viewport: { width: 1600, height: 900 },
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${hostname}`,
  ],
});
const page = await browser.newPage();
page.setDefaultTimeout(20_000);

const requests = [];
const breaches = [];
page.on('request', (request) => {
  if (request.url().startsWith('data:')) return;
  requests.push(request.url());
  if (new URL(request.url()).origin !== origin) breaches.push(`request to another origin: ${request.url()}`);
});
page.on('requestfailed', (request) => breaches.push(`failed request: ${request.url()} ${request.failure()?.errorText}`));
page.on('response', (response) => {
  if (response.status() >= 400) breaches.push(`status ${response.status()}: ${response.url()}`);
});
page.on('console', (message) => {
  if (message.type() === 'error') breaches.push(`console: ${message.text()}`);
});
page.on('pageerror', (error) => breaches.push(`uncaught: ${error.stack ?? error}`));
await page.exposeFunction('reportBreach', (text) => breaches.push(text));
await page.addInitScript(() => {
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) => {
    window.reportBreach(`policy: ${violatedDirective} blocked ${blockedURI || 'inline'} of ${sourceFile}`);
  });
});

let passed = 0;
const failures = [];

/** Runs one check and prints how it went; the next ones run in any case. */
async function check(name, body) {
  try {
    const note = await body();
    passed += 1;
    console.log(`ok      ${name}${note ? `: ${note}` : ''}`);
  } catch (error) {
    failures.push(name);
    console.log(`not ok  ${name}: ${error.message}`);
  }
}

function expect(condition, message) {
  if (!condition) throw new Error(message);
}

/** Waits until the query editor has read a text: GraphiQL takes a moment to know which operation stands in it. */
async function understood(text, operationName) {
  await page.waitForFunction(([text, operationName]) => {
    const { CodeMirror } = document.querySelector('.graphiql-query-editor .CodeMirror');
    const isRead = CodeMirror.documentAST?.loc.source.body === CodeMirror.getValue();
    return isRead && CodeMirror.getValue().includes(text) && (CodeMirror.operationName ?? null) === operationName;
  }, [text, operationName]);
}

/** Presses Ctrl-Enter in the query editor and gives back the answer that the server sent to it. */
async function execute() {
  await page.locator('.graphiql-query-editor textarea').focus();
  const answer = page.waitForResponse((response) => new URL(response.url()).pathname === '/graphql' && response.request().method() === 'POST');
  await page.keyboard.press('Control+Enter');
  const response = await answer;
  return { sent: response.request().postDataJSON(), status: response.status(), ...(await response.json()) };
}

/** Waits until the response pane shows a text. */
async function shown(text) {
  await page.locator('.graphiql-response .CodeMirror-code').filter({ hasText: text }).waitFor();
}

await check('the page opens under a strict policy', async () => {
  const response = await page.goto(base);
  const policy = response.headers()['content-security-policy'] ?? '';
  expect(policy.includes('default-src') && !policy.includes('unsafe'), `the policy is "${policy}"`);
  expect((await page.title()) === 'Concord', `the title is "${await page.title()}"`);
  await page.locator('.graphiql-container').waitFor();
  return policy;
});

await check('the docs show the schema', async () => {
  await page.getByRole('button', { name: 'Docs', exact: true }).click();
  const docs = page.locator('.graphiql-doc-explorer');
  await docs.getByRole('link', { name: 'Query', exact: true }).click();
  await docs.getByRole('link', { name: 'institutions', exact: true }).waitFor();
  return `${await docs.locator('.graphiql-doc-explorer-field-name').count()} root fields`;
});

const tabs = page.getByRole('tab');
const examples = await tabs.count();
await check('there is an example for each kind of client', async () => {
  const names = await tabs.allInnerTexts();
  expect(names.length >= 3, `the tabs are ${names.join(', ')}`);
  return names.join(', ');
});
await check('a first visitor who reloads finds what was there', async () => {
  const before = await tabs.allInnerTexts();
  const variables = await page.evaluate(() => JSON.parse(localStorage.getItem('graphiql:tabState') ?? '{}').tabs?.map((tab) => tab.variables));
  await page.reload();
  await tabs.nth(before.length - 1).waitFor();
  const after = await tabs.allInnerTexts();
  expect(after.join() === before.join(), `${after.join(', ')} instead of ${before.join(', ')}`);
  return `${variables?.length} tabs`;
});
for (let index = 0; index < examples; index += 1) {
  const name = await tabs.nth(index).innerText();
  await check(`the example ${name} runs`, async () => {
    await tabs.nth(index).click();
    await understood(`query ${name}`, name);
    const { sent, status, data, errors } = await execute();
    expect(sent.operationName === name && sent.variables, `sent ${JSON.stringify(sent)}`);
    expect(status === 200 && !errors, `${status} ${JSON.stringify(errors)}`);
    const empty = Object.keys(data).filter((key) => data[key] === null);
    expect(empty.length === 0, `null: ${empty.join(', ')}`);
    await shown('"data"');
    const marks = await page.locator('.graphiql-editors .CodeMirror-lint-mark-error').allInnerTexts();
    expect(marks.length === 0, `the editor marks as wrong: ${marks.join(', ')}`);
  });
}

/** Puts a text into the query editor by the keyboard, in place of what stands there. */
async function type(text) {
  const editor = page.locator('.graphiql-query-editor .CodeMirror');
  await editor.click();
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Delete');
  await page.keyboard.type(text);
  const typed = await editor.evaluate((element) => element.CodeMirror.getValue());
  expect(typed === text, `the editor holds ${JSON.stringify(typed)}`);
  await understood(text, null);
  await page.keyboard.press('Escape');
}

await check('a typed query is answered', async () => {
  await page.getByRole('button', { name: 'Add tab' }).click();
  await page.locator('[role=tab][aria-selected=true]').filter({ hasText: '<untitled>' }).waitFor();
  await type(query);
  const { status, errors } = await execute();
  expect(status === 200 && !errors, `${status} ${JSON.stringify(errors)}`);
  await shown('nodes');
  await shown(expected);
});
await page.screenshot({ path: screenshot });

await check('a header typed in travels with the query and is not kept', async () => {
  const [probe, text] = ['7c1e', '{ viewer { displayName } }'];
  await type(text);
  await page.getByRole('button', { name: 'Headers', exact: true }).click();
  await page.locator('.graphiql-editor-tool .graphiql-editor:not(.hidden) .CodeMirror').click();
  await page.keyboard.type(`{ "X-Probe": "${probe}`);
  const sent = page.waitForRequest((request) => request.headers()['x-probe'] === probe);
  await execute();
  await sent;
  await page.waitForFunction((part) => ['queries', 'tabState'].every((key) => localStorage.getItem(`graphiql:${key}`)?.includes(part)), text);
  const kept = await page.evaluate(() => JSON.stringify(localStorage));
  expect(!kept.includes(probe), 'the header is in the local storage');
});

await check('the settings open', async () => {
  await page.getByRole('button', { name: 'Open settings dialog' }).click();
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

await check('the tabs are there again after a reload', async () => {
  const count = await tabs.count();
  await page.reload();
  await tabs.nth(count - 1).waitFor();
  expect((await tabs.count()) === count, `${await tabs.count()} instead of ${count}`);
});

await check('the schema can be downloaded', async () => {
  const response = await page.request.get(new URL('/schema.graphql', base).href);
  const text = await response.text();
  expect(response.status() === 200 && text.includes('type Query'), `${response.status()}`);
  return `${text.length} characters`;
});

await check('nothing was refused, failed or asked elsewhere', async () => {
  expect(breaches.length === 0, `\n        ${breaches.join('\n        ')}`);
  expect(requests.length > 0, 'no request was seen');
  return `${requests.length} requests, all to ${origin}`;
});

await browser.close();
rmSync(profile, { recursive: true, force: true });
console.log(`${passed} of ${passed + failures.length} checks passed, screenshot in ${screenshot}`);
process.exitCode = failures.length === 0 ? 0 : 1;
