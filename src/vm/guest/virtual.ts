/** What a guest with the virtual clock runs. */
import { control } from './controller.ts';

await control();
