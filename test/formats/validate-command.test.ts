import { expect, test } from 'vitest'
import { validateCommand } from '../../src/formats/validate-command.ts'

test.each([
  ['a.yaml', 'failoverctl validate a.yaml'],
  ['my config.yaml', "failoverctl validate 'my config.yaml'"],
  ['a.yaml + b.yaml', 'failoverctl validate --merge a.yaml b.yaml'],
  [
    "a.yaml + yaml:exporters::otlp::endpoint: it's:1",
    "failoverctl validate --merge a.yaml 'yaml:exporters::otlp::endpoint: it'\\''s:1'",
  ],
])('%s', (config, command) => {
  expect(validateCommand(config)).toBe(command)
})
