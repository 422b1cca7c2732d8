const neededMajor = 26;

/**
 * Throws when the running Node is older than Safelight needs. Every entry calls it first, because an older Node fails later with unrelated errors: it
 * lacks APIs and cannot run the TypeScript sources.
 */
export const assertNode = (version: string = process.versions.node): void => {
  if (Number.parseInt(version, 10) >= neededMajor) return;
  throw new Error(
    `Safelight needs Node ${neededMajor} or newer, but this is Node ${version}. Start it with "npm start" or the "safelight" command, ` +
      `which use the Node that npm installed, or install Node ${neededMajor}.`,
  );
};
