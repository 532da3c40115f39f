import { expect, test } from 'vitest'
import schema from '../../schemas/project.schema.json' with { type: 'json' }
import { sendCommand } from '../../src/commands/send.ts'
import { fakeHost } from '../fake-host.ts'

/** Not for a file that is checked in, or of one run alone. */
const FLAGS_ONLY = [
  'header',
  'headers-file',
  'certificate',
  'client-certificate',
  'client-key',
  'server-name',
  'insecure',
  'insecure-skip-verify',
  'template',
  'from',
  'loop',
  'id-table',
  'once',
  'json',
  'quiet',
  'project',
]

test('what a project file may say of send is what the command takes', () => {
  const flags = sendCommand(fakeHost(), () => {}).options.map(({ long }) => (long as string).slice(2))
  expect([...Object.keys(schema.properties.send.properties), ...FLAGS_ONLY].sort()).toEqual(flags.sort())
})
