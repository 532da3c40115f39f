import { expect, test } from 'vitest'
import { realTools } from '../../src/adapters/tools.ts'

const node = (script: string, ...words: string[]) => [process.execPath, '-e', script, ...words]

test('a tool is run from words, not by a shell; its input, output and code are what it says', async () => {
  const script = 'process.stdin.pipe(process.stdout); console.error(process.argv[1]); process.exitCode = 3'
  expect(await realTools.run(node(script, '$HOME; a b'), { input: 'given\n' })).toEqual({
    code: 3,
    out: 'given\n',
    err: '$HOME; a b\n',
    timedOut: false,
  })
})

test('a tool that is not there', async () => {
  const asked = realTools.run(['no-such-tool-at-all', 'get'])
  await expect(asked).rejects.toMatchObject({
    code: 'no-such-tool',
    message: 'no-such-tool-at-all is not installed, or not in PATH',
  })
  const opened = await realTools.open(['no-such-tool-at-all'])
  await expect(opened.ended).rejects.toMatchObject({ code: 'no-such-tool' })
})

test('a tool that goes on too long is ended, and has no code', async () => {
  const ran = await realTools.run(node('setInterval(() => {}, 1000)'), { timeoutMs: 200 })
  expect(ran).toMatchObject({ code: undefined, timedOut: true })
})

test('a tool that is not wanted any more is ended', async () => {
  const ran = await realTools.run(node('setInterval(() => {}, 1000)'), { signal: AbortSignal.timeout(200) })
  expect(ran).toMatchObject({ code: undefined, timedOut: false })
})

test('it runs in a process group of its own, which a Ctrl-C at the terminal does not reach', async () => {
  // proc(5): the group is the fifth field.
  const script =
    'const f = require("fs").readFileSync("/proc/self/stat", "utf8").split(") ")[1].split(" "); console.log(f[2] === String(process.pid))'
  expect((await realTools.run(node(script))).out).toBe('true\n')
})

test('one that goes on speaking is heard line by line, until it is stopped', async () => {
  const tool = await realTools.open(node('let n = 0; setInterval(() => console.log("line", ++n), 20)'))
  const heard: string[] = []
  for await (const line of tool.lines) {
    heard.push(line)
    if (heard.length === 3) await tool.stop()
  }
  expect(heard.slice(0, 3)).toEqual(['line 1', 'line 2', 'line 3'])
  expect((await tool.ended).code).toBeUndefined()
})
