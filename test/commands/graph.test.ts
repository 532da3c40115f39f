import { describe, expect, test } from 'vitest'
import { type GraphOptions, graph } from '../../src/commands/graph.ts'
import { fakeHost } from '../fake-host.ts'

const CONFIG = `
receivers: { otlp: }
processors: { batch: }
exporters: { otlp/near: { endpoint: "near:4317" }, file: { path: /var/b.jsonl }, otlp/far: { endpoint: "\${env:FAR}" } }
connectors: { failover: { priority_levels: [[traces/near], [traces/file], [traces/typo]] }, forward: }
service:
  pipelines:
    traces: { receivers: [otlp], processors: [batch], exporters: [failover] }
    traces/near: { receivers: [failover], exporters: [otlp/near] }
    traces/file: { receivers: [failover], processors: [batch], exporters: [file, otlp/far] }
    logs: { receivers: [otlp, nowhere], exporters: [forward] }
    logs/circle: { receivers: [forward], exporters: [forward] }
`
async function draw(format: GraphOptions['format'], text = CONFIG) {
  const host = fakeHost({ files: { 'c.yaml': text }, env: { FAR: 'secret-host:4317' } })
  return { exit: await graph(['c.yaml'], { config: [], format }, host), out: host.out }
}

test('as text: a tree, with the levels in columns', async () => {
  expect(await draw('text')).toEqual({
    exit: 0,
    out: `otlp
├─ traces [batch] → failover
│  ├─ level 0  traces/near         → otlp/near  near:4317
│  ├─ level 1  traces/file [batch]
│  │  ├─ file  /var/b.jsonl
│  │  └─ otlp/far
│  └─ level 2  traces/typo (no such pipeline)
└─ logs → forward
   └─ logs/circle → forward  (a circle)

nowhere (not configured)
└─ logs → forward
   └─ logs/circle → forward  (a circle)
`,
  })
})

test('as Mermaid: each box once, and nothing that ends a label', async () => {
  const { out } = await draw('mermaid', CONFIG.replaceAll('traces/near', '"traces/\\"|]<b>"'))
  expect(out).toMatch(/^flowchart LR\n/)
  expect(out).toContain('("traces/#34;|]#60;b#62;")')
  expect(out.match(/:::exporter/g)).toHaveLength(3)
  for (const line of out.trim().split('\n').slice(1))
    expect(line).toMatch(/^ {2}(n\d+([[({]+"[^"]*"[\])}]+):::\w+|n\d+ -->(\|[\w ]+\|)? n\d+|classDef .+)$/)
})

describe('as SVG', () => {
  test('by itself, and well-formed whatever the names are', async () => {
    const { out } = await draw('svg', CONFIG.replaceAll('traces/near', '"traces/<&>\\u0007"'))
    expect(out).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"[^>]*>\n/)
    expect(out).not.toMatch(/<script|href=|@import|url\((?!#head)|secret-host/)
    expect(out).not.toContain('\u0007')
    expect(out).toContain('traces/&lt;&amp;&gt;')
    const tags = [...out.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)].filter(([, , , closed]) => closed === '')
    const open: string[] = []
    for (const [, end, name] of tags)
      if (end === '/') expect(open.pop()).toBe(name)
      else open.push(name as string)
    expect(open).toEqual([])
  })
})

test('nothing to draw is an error', async () => {
  await expect(draw('text', 'receivers: { otlp: }\n')).rejects.toMatchObject({ code: 'not-a-config' })
})
