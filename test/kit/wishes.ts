import type { KitWish, Platform, Shape } from '../../src/kit/wish.ts'

export const wishFor = (shape: Shape, platform: Platform): KitWish => ({
  shape,
  platform,
  endpoints: ['https://primary.example.com:4318', 'https://secondary.example.com:4318'],
  name: 'otel-gateway',
  namespace: 'observability',
  replicas: 2,
  outageMs: 4 * 3_600_000,
  bytesPerSecond: 1024 ** 2,
  version: '0.163.0',
})
