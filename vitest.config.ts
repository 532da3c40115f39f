import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    // What is waited for may have to wait itself, for a disk that other tests keep busy.
    expect: { poll: { timeout: 8000 } },
    // Two workers: the machines that run this have two cores, and the tests with sockets measure times.
    maxWorkers: 2,
  },
})
