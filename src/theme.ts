/** @file Colours, sizes and defaults of the page, in light and dark; text colours keep WCAG AA contrast. */

import { type CSSVariablesResolver, createTheme, type MantineColorsTuple, Notification } from '@mantine/core';

const lagoon: MantineColorsTuple = [
  '#e8f6f8',
  '#cfebf0',
  '#a3d8e1',
  '#74c5d2',
  '#4fb4c5',
  '#36a4b7',
  '#1f93a7',
  '#0e7c8f',
  '#0a6474',
  '#064c59',
];

/** Mantine's greys with a little of the primary colour in them. */
const dark: MantineColorsTuple = [
  '#dbe1e4',
  '#bfc8cc',
  '#9eaab0',
  '#7b888f',
  '#3d494f',
  '#2f3a40',
  '#252f34',
  '#1b2327',
  '#151b1f',
  '#0f1417',
];

/** Mantine's own is too pale for small text on its light shade. */
const orange: MantineColorsTuple = [
  '#fff3e4',
  '#ffe5cc',
  '#ffcb99',
  '#ffae61',
  '#ff9633',
  '#fd7e14',
  '#e8690b',
  '#c45408',
  '#a04306',
  '#853604',
];

/** As orange: only the darkest shade differs from Mantine's. */
const teal: MantineColorsTuple = [
  '#e6fcf5',
  '#c3fae8',
  '#96f2d7',
  '#63e6be',
  '#38d9a9',
  '#20c997',
  '#12b886',
  '#0ca678',
  '#099268',
  '#06694b',
];

export const theme = createTheme({
  colors: { lagoon, dark, orange, teal },
  primaryColor: 'lagoon',
  primaryShade: { light: 7, dark: 7 },
  defaultRadius: 'md',
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  components: {
    Notification: Notification.extend({ styles: { description: { color: 'var(--mantine-color-text)' } } }),
  },
  headings: { fontWeight: '600' },
});

export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#4f5b61',
    '--mantine-color-placeholder': '#5b676d',
    '--mantine-color-error': '#c92a2a',
    '--thorax-page': '#f4f7f8',
    '--thorax-card': '#ffffff',
    '--thorax-grid': '#e3e9ec',
    '--thorax-axis': '#9aa7ae',
    '--thorax-baseline': '#5c6f7b',
    '--thorax-vgg16': '#c2560a',
    '--thorax-inceptionv3': '#237a34',
    '--thorax-densenet121': '#7a3fc0',
  },
  dark: {
    '--mantine-color-body': '#1b2327',
    '--mantine-color-dimmed': '#a9b5bb',
    '--mantine-color-placeholder': '#9eaab0',
    '--mantine-color-error': '#ff8787',
    '--thorax-page': '#11171a',
    '--thorax-card': '#1b2327',
    '--thorax-grid': '#2f3a40',
    '--thorax-axis': '#5d6b73',
    '--thorax-baseline': '#a5b8c4',
    '--thorax-vgg16': '#f59f4c',
    '--thorax-inceptionv3': '#69cc7e',
    '--thorax-densenet121': '#b794f0',
  },
});
