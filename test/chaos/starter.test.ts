import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type FailureMode, MODES } from '../../src/chaos/starter/modes.ts'
import { starter } from '../../src/chaos/starter/starter.ts'
import { readGraph } from '../../src/collector/read-graph.ts'
import { readExperiment } from '../../src/experiment/read-experiment.ts'
import { ACTIONS } from '../../src/experiment/wish.ts'
import { readYaml } from '../../src/source/read-yaml.ts'
import type { MapValue } from '../../src/source/value.ts'
import { GOOD } from '../good-config.ts'

const SINGLE = `extensions: { health_check: }
receivers: { otlp: { protocols: { http: } } }
exporters: { otlp_http/backend: { endpoint: "http://a:4318" } }
service: { extensions: [health_check], pipelines: { traces: { receivers: [otlp], exporters: [otlp_http/backend] } } }`
const CONFIGS = {
  poc: readFileSync(new URL('../../fixtures/poc/main.yaml', import.meta.url), 'utf8'),
  'no queue': GOOD,
  'one backend': SINGLE,
}
const graphOf = (text: string) => readGraph(readYaml('a.yaml', text) as MapValue)
const made = (name: keyof typeof CONFIGS, mode: FailureMode, target?: string) =>
  starter({ graph: graphOf(CONFIGS[name]), config: ['a.yaml'], mode, target })

const modes = Object.keys(MODES) as FailureMode[]

describe.each(Object.keys(CONFIGS) as (keyof typeof CONFIGS)[])('for a config with %s', name => {
  test.each(modes)('%s is an experiment that can be read, and its faults are within its blast radius', mode => {
    const read = readExperiment('x.yaml', made(name, mode))
    expect(read.faults.length).toBeGreaterThan(0)
    expect(read.faults.every(({ action }) => ACTIONS.includes(action))).toBe(true)
    expect(read.faults.filter(({ who }) => !read.blastRadius?.includes(who))).toEqual([])
    expect(read.abortOn).toHaveLength(1)
    expect(read.target).toBe(MODES[mode].targets[0])
    expect(read.claims.map(({ text }) => text)).toContain('lost == 0')
  })
})

test('probes are those that the config can answer', () => {
  const types = (name: keyof typeof CONFIGS) =>
    readExperiment('x.yaml', made(name, 'backend-down')).probes.map(({ probe }) => probe)
  expect(types('poc')).toEqual(['level', 'queue'])
  expect(types('no queue')).toEqual(['level', 'loss'])
  expect(types('one backend')).toEqual(['health', 'queue'])
  const pressed = (name: keyof typeof CONFIGS) =>
    readExperiment('x.yaml', made(name, 'memory-pressure')).probes.filter(({ probe }) => probe === 'queue').length
  expect([pressed('poc'), pressed('no queue')]).toEqual([2, 0])
})

test('a target that cannot do it is refused', () => {
  expect(made('poc', 'pod-crash', 'process')).toContain('target: process')
  expect(() => made('poc', 'node-loss', 'lab')).toThrow('node-loss cannot be made on the target lab')
})
