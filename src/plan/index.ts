export { runPlan } from './plan.ts';
export { planText } from './print.ts';
export type { Plan, PlanOptions, Step } from './step.ts';
