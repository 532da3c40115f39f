import { Command } from 'commander'
import collectorFailover from '#collector-failover-schema' with { type: 'json' }
import type { Host } from '../core/host.ts'
import { json } from '../formats/json.ts'

// Flags end here …
export const schemaCommand = (host: Host, done: (exit: number) => void): Command =>
  new Command('schema')
    .description('Print the JSON Schema of collector configs with failover, for editors.')
    .addHelpText('after', EXAMPLE)
    .action(() => done(schema(host)))

const EXAMPLE = `
  failoverctl schema > collector-failover.schema.json
A first line in the config tells yaml-language-server (VS Code, Neovim and others):
  # yaml-language-server: $schema=./collector-failover.schema.json`

// … and work begins here: plain values in, an exit code out.
export function schema({ terminal }: Host): number {
  terminal.out(json(collectorFailover))
  return 0
}
