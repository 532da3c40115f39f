import type { KitFile } from './wish.ts'

/** A workflow for GitHub Actions that runs the three commands on every change of the configs. */
export const workflowFile = (configs: readonly string[]): KitFile => ({
  path: '.github/workflows/failover.yml',
  text: `# Checks, computes and tests the failover on every change.
name: failover
on:
  push:
  pull_request:
permissions: #! it reads the repository, and changes nothing
  contents: read
jobs:
  failover:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - name: What a collector accepts and what never fails over #! findings stand at the lines of the pull request
        run: npx failoverctl validate --format github ${configs.join(' ')}
      - name: What an outage would do, computed #! twelve minutes of virtual time in a second
        run: npx failoverctl simulate gateway.yaml --outage level0=60s..10m
      - name: What an outage does, on the embedded lab #! real requests; the summary of the job has the report
        run: npx failoverctl chaos --stop level0 --config gateway.yaml
`,
})
