import { isKnownAtSynthesis } from './known-at-synthesis';
import { SettingValue } from '../plan/step-settings';

/** Environment variables for those values of a step's settings that are known in a run of the pipeline only. */
export class SettingVariables {
  private readonly values: { [name: string]: string } = {};

  /** The value as it stands in the settings. */
  public value(name: string, value: string): SettingValue {
    if (isKnownAtSynthesis(value)) {
      return value;
    }
    const variable = `CACHED_DOCKER_BUILD_${name}`;
    this.values[variable] = value;
    return { variable };
  }

  public get environment(): { [name: string]: string } {
    return { ...this.values };
  }
}
