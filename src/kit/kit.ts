import { composeFiles } from './compose.ts'
import { plainFiles } from './file.ts'
import { kubernetesFiles } from './kubernetes.ts'
import { projectFile } from './project-file.ts'
import { hasAgents, type KitFile, type KitWish, type Platform } from './wish.ts'
import { workflowFile } from './workflow.ts'

const FILES: Readonly<Record<Platform, (wish: KitWish) => KitFile[]>> = {
  file: plainFiles,
  compose: composeFiles,
  kubernetes: kubernetesFiles,
}

/** The files of a set-up that its wish alone decides; what is computed from them (alerts, times) comes on top. */
export const kitFiles = (wish: KitWish): KitFile[] => [
  ...FILES[wish.platform](wish),
  projectFile(wish),
  workflowFile(['gateway.yaml', ...(hasAgents(wish.shape) ? ['agent.yaml'] : [])]),
]
