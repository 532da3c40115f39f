import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { STRATEGIES } from '../src/failover/strategies/index.ts'
import { readProxyConfig } from '../src/proxy/config.ts'
import { ConsulServer } from './failover/discovery/consul-server.ts'

const page = readFileSync(new URL('../docs/engine.md', import.meta.url), 'utf8')
const blocks = (language: string) =>
  Array.from(page.matchAll(/^## (.*)\n(?:(?!^## )[\s\S])*?^```(\w+)\n([\s\S]*?)^```/gm), ([, title, kind, code]) => ({
    title,
    kind,
    code: code as string,
  })).filter(({ kind }) => kind === language)
const folder = fileURLToPath(new URL('../generated/engine-docs/', import.meta.url))
mkdirSync(folder, { recursive: true })
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('each example of docs/engine.md prints what it says', () => {
  const examples = blocks('js')
  test('there are some, and none is left out', () => {
    expect(examples.length).toBe(page.split('\n```js\n').length - 1)
    expect(examples.length).toBeGreaterThanOrEqual(8)
  })

  test.each(examples)('$title', async ({ title, code }) => {
    const consul = await new ConsulServer().start()
    process.env.CONSUL_HTTP_ADDR = consul.url
    const expected = Array.from(code.matchAll(/\/\/ → (.*)$/gm), ([, line]) => line as string)
    expect(expected.length).toBeGreaterThan(0)
    const printed: string[] = []
    const log = vi.spyOn(console, 'log').mockImplementation((...words) => void printed.push(words.map(String).join(' ')))
    const file = `${folder}${title?.replace(/\W+/g, '-')}.mjs`
    writeFileSync(file, code.replace("from 'failoverctl'", "from '../../src/index.ts'"))
    try {
      await import(file)
    } finally {
      log.mockRestore()
    }
    expect(printed.join(' ')).toBe(expected.join(' '))
  })
})

test('the proxy files of docs/proxy.md are such', () => {
  const proxyPage = readFileSync(new URL('../docs/proxy.md', import.meta.url), 'utf8')
  const files = Array.from(proxyPage.matchAll(/^```yaml\n([\s\S]*?)^```/gm), ([, code]) => code as string)
  expect(files.map(code => readProxyConfig('proxy.yaml', code).listeners.length)).toEqual([1, 2])
})

test('every metric and every event of the proxy stands in docs/proxy.md', () => {
  const [proxyPage, metrics, events] = ['docs/proxy.md', 'src/proxy/metrics.ts', 'src/failover/events.ts'].map(file =>
    readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'),
  ) as [string, string, string]
  const names = [...metrics.matchAll(/family\(\s*'(\w+)'/g), ...events.matchAll(/(?:type: | \| )'([a-z-]+)'/g)].map(
    ([, name]) => name,
  )
  expect(names.length).toBeGreaterThan(20)
  for (const name of names) expect(proxyPage).toContain(`\`${name}\``)
})

test('every strategy stands in its table', () => {
  for (const name of STRATEGIES.keys()) expect(page).toContain(`| \`${name}\``)
})
