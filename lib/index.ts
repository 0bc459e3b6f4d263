export * from './cached-docker-build-step';
export * from './cached-docker-image';
export * from './docker-builder';
export * from './docker-context';
export * from './image-repository';
export * from './image-tag';
export * from './lambda-code-options';
export * from './layer-cache';
