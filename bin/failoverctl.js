#!/usr/bin/env node
import module from 'node:module'

// From Node 22.1 on the compiled code is kept between runs.
module.enableCompileCache?.()
const { run } = await import('../dist/cli.js')
await run(process.argv.slice(2))
