/// <reference lib="dom" />
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PageContent } from '../../src/formats/page/content.ts'
import { reportPage } from '../../src/formats/page/page.ts'
import { trendPage } from '../../src/formats/page/trend.ts'
import { HELD } from '../formats/outcome-example.ts'
import { TEN_MINUTES } from '../formats/page-content.ts'
import { COUNTED, HEADER, TREND } from '../formats/run-example.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']
const executablePath = (process.env.PATH ?? '')
  .split(delimiter)
  .flatMap(folder => NAMES.map(name => join(folder, name)))
  .find(path => existsSync(path))

if (!executablePath) console.warn('test/browser is skipped: no Chromium in the PATH')
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What a chaos run without curves has. */
const MEASURED: PageContent = {
  ...TEN_MINUTES,
  how: 'measured',
  series: undefined,
  runs: [],
  spread: undefined,
  assertions: [],
  why: [],
  outcome: { ...TEN_MINUTES.outcome, checks: HELD.checks, ledger: { ...TEN_MINUTES.outcome.ledger, counted: COUNTED } },
}
/** One with them. */
const DRAWN: PageContent = { ...MEASURED, series: TEN_MINUTES.series }
const TITLE = 'failoverctl simulate: a.yaml'
const pageOf = (...contents: readonly PageContent[]) => reportPage(TITLE, contents, '0.0.0')
const PAGES = {
  'a computed outage': pageOf(TEN_MINUTES),
  'a measured one': pageOf(MEASURED),
  'a measured one with curves': pageOf(DRAWN),
  'two side by side': pageOf(TEN_MINUTES, MEASURED),
  'several runs': trendPage(TREND, [{ header: HEADER, content: DRAWN }], '0.0.0'),
}

// CI installs a browser: there, its lack is a failure.
describe.skipIf(!executablePath && !process.env.CI)('the page in a real browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'failoverctl-page-'))
  let browser: Browser

  beforeAll(async () => {
    browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ['--no-sandbox'] })
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true })
  })

  /** The page of a width, with every complaint and every request that it made beyond itself. */
  async function open(text: string, width: number, scheme: 'light' | 'dark' = 'light') {
    const file = join(folder, 'page.html')
    writeFileSync(file, text)
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme: scheme, bypassCSP: true })
    const complaints: string[] = []
    page.on('console', message => complaints.push(message.text()))
    page.on('pageerror', error => complaints.push(error.message))
    page.on('request', request => {
      if (request.url() !== pathToFileURL(file).href && !request.url().startsWith('data:')) complaints.push(request.url())
    })
    await page.goto(pathToFileURL(file).href)
    return { page, complaints }
  }

  describe.each(Object.entries(PAGES))('%s', (_, text) => {
    test.each([360, 800, 1400])('fits a screen of %d pixels, asks nobody for anything and has no error', async width => {
      const { page, complaints } = await open(text, width)
      for (const summary of await page.locator('summary').all()) if (!(await isOpen(page, summary))) await summary.click()
      expect(await page.evaluate(cutOff)).toEqual([])
      expect(complaints).toEqual([])
      await page.close()
    })

    test.each(['light', 'dark'] as const)('has no fault that axe knows, in %s', async scheme => {
      const { page } = await open(text, 800, scheme)
      await page.evaluate(axe)
      const { violations } = await page.evaluate(() => (globalThis as unknown as AxeWorld).axe.run())
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
      await page.close()
    })
  })

  test('the keyboard reaches the instant, the details and the tables', async () => {
    const { page } = await open(pageOf(TEN_MINUTES), 800)
    const reached: string[] = []
    for (let turn = 0; turn < 12; turn++) {
      await page.keyboard.press('Tab')
      reached.push(await page.evaluate(() => document.activeElement?.tagName ?? ''))
    }
    expect(reached.filter(name => name !== 'BODY')).toEqual(expect.arrayContaining(['INPUT', 'SUMMARY', 'DIV']))
    await page.locator('input[type=range]').focus()
    for (let turn = 0; turn < 70; turn++) await page.keyboard.press('ArrowRight')
    expect(await page.locator('output').textContent()).toBe(
      '70 s · failover on level 1 · primary 0/s · secondary 500/s · backup 0/s · refused 0/s · lost 0 spans · queue of failover 4 of 1000',
    )
    expect(await page.locator('input[type=range]').getAttribute('aria-valuetext')).toMatch(/^70 s · failover on level 1/)
    await page.close()
  })

  test('the pointer reads the curves', async () => {
    const { page } = await open(pageOf(TEN_MINUTES), 800)
    const box = await page.locator('.plot').first().boundingBox()
    if (!box) throw new Error('no plot')
    await page.mouse.move(box.x + box.width * 0.351, box.y + 10)
    expect(await page.locator('output').textContent()).toMatch(
      /^210 s · failover: all levels failed · .*queue of failover 500 of 1000$/,
    )
    await page.close()
  })

  test('text from a config stays text', async () => {
    const { page } = await open(pageOf(TEN_MINUTES), 800)
    expect(await page.locator('.given').textContent()).toContain('<script>alert(1)</script>')
    expect(await page.locator('script').count()).toBe(2)
    await page.close()
  })

  test('the check for what is cut off can fail', async () => {
    const { page } = await open(pageOf(TEN_MINUTES), 360)
    await page.evaluate(() => document.querySelector('h1')?.setAttribute('style', 'width: 600px'))
    expect(await page.evaluate(cutOff)).toContain('H1')
    await page.close()
  })
})

interface AxeWorld {
  readonly axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
}

const isOpen = (_: Page, summary: ReturnType<Page['locator']>): Promise<boolean> =>
  summary.evaluate(element => (element.parentElement as HTMLDetailsElement).open)

/** Runs on the page: what reaches beyond its right edge and cannot be scrolled to. */
function cutOff(): string[] {
  const width = document.documentElement.clientWidth
  return Array.from(document.querySelectorAll('main, main *'))
    .filter(element => !element.closest('svg, .plot') && !element.parentElement?.closest('.scroll'))
    .filter(element => element.getBoundingClientRect().right > width + 1)
    .map(element => element.tagName)
}
