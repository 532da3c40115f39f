import { expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { FailoverctlError } from '../../src/core/errors.ts'
import { fakeHost } from '../fake-host.ts'
import { GOOD } from '../good-config.ts'

test('a port in use is told with the flag that the lab has for it', async () => {
  const taken = async () => {
    throw new FailoverctlError('port-in-use', 'port 4318 is in use', 'Stop what holds it, or listen on another port.')
  }
  const host = fakeHost({ files: { 'c.yaml': GOOD }, network: { listen: taken, listenGrpc: taken } })
  expect(await main(['lab', 'c.yaml'], host)).toBe(4)
  expect(host.err).toContain('port 4318 is in use\nStop what holds it, or use --free-ports to let the lab choose free ones.\n')
})
