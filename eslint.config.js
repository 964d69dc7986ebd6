/** Lint rules: type-aware checks, the layer table, and the habits of CONTRIBUTING.md that a machine can see. */
import svelte from 'eslint-plugin-svelte'
import { defineConfig } from 'eslint/config'
import { configs, parser } from 'typescript-eslint'
import { cycleRule } from './scripts/import-cycles.mjs'
import { layerRule } from './scripts/layers.mjs'

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'Name what you export, so that every importer uses the same name.',
}
const noStarExport = {
  selector: 'ExportAllDeclaration',
  message: 'List the names, so that the index reads as the contract.',
}
const noStarImport = {
  selector: 'ImportDeclaration[source.value=/^\\./] > ImportNamespaceSpecifier',
  message: 'Import the names that you use.',
}
const noClock = {
  selector: "NewExpression[callee.name='Date'][arguments.length=0]",
  message: 'Take `now` as an argument, so that a test can set the clock.',
}

const unsafeOff = /** @type {const} */ ({
  '@typescript-eslint/no-unsafe-argument': 'off',
  '@typescript-eslint/no-unsafe-assignment': 'off',
  '@typescript-eslint/no-unsafe-call': 'off',
  '@typescript-eslint/no-unsafe-member-access': 'off',
  '@typescript-eslint/no-unsafe-return': 'off',
})

export default defineConfig(
  { ignores: ['node_modules/', 'out/', 'dist/', 'coverage/', 'test-results/', 'resources/', 'types/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts', '**/*.svelte'],
    extends: [configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, extraFileExtensions: ['.svelte'] } },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'prefer-const': 'error',
      'no-restricted-syntax': ['error', noDefaultExport, noStarExport, noStarImport],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Services are records of closures: their functions may be passed on, because none of them uses `this`.
      '@typescript-eslint/unbound-method': 'off',
      // Indexing a typed array in a loop that stays inside it is not worth a check at each step.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // An async function without await is how a synchronous implementation meets an asynchronous interface.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowArray: true },
      ],
    },
  },
  {
    // After the rules above: components are read by the parser that the plugin brings, which hands their scripts on.
    files: ['renderer/**/*.ts', 'renderer/**/*.svelte'],
    extends: [svelte.configs.recommended],
    languageOptions: { parserOptions: { parser } },
    rules: {
      // Knows SvelteKit's router, which this window does not have.
      'svelte/no-navigation-without-resolve': 'off',
      // State here is `$state.raw` that is replaced as a whole, so a Set inside it never changes.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  {
    files: ['**/*.{ts,js,mjs,svelte}'],
    ignores: ['tests/**'],
    plugins: { layers: { rules: { imports: layerRule } } },
    rules: { 'layers/imports': 'error' },
  },
  {
    files: ['**/*.{ts,js,mjs,svelte}'],
    plugins: { cycles: { rules: { imports: cycleRule } } },
    rules: { 'cycles/imports': 'error' },
  },
  {
    // The product takes its clock and its chance as arguments; only the hosts know the real ones.
    files: ['main/**/*.ts'],
    ignores: ['main/host/**'],
    rules: {
      'no-restricted-syntax': ['error', noDefaultExport, noStarExport, noStarImport, noClock],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Take `now` as an argument.' },
        { object: 'Math', property: 'random', message: 'Take a seeded `random` as an argument.' },
      ],
    },
  },
  {
    // The declarations of @huggingface/tokenizers name modules that do not resolve, so the linter sees `any` there.
    files: ['main/encoders/tokenizer.ts', 'scripts/built-in/tokenizer.ts'],
    rules: unsafeOff,
  },
  {
    // The linter sees other components as `any`; svelte-check, which sees their types, is the check of these.
    files: ['renderer/**/*.svelte'],
    // `$props()` and `$bindable()` are taken apart in one statement, which prefer-const of the core does not understand.
    rules: { ...unsafeOff, 'prefer-const': 'off', 'svelte/prefer-const': 'error' },
  },
  { files: ['tests/**/*.ts'], rules: unsafeOff }, // tests read JSON documents that they made themselves
  { files: ['scripts/**', 'tests/**', 'main/host/**'], rules: { 'no-console': 'off' } },
  { files: ['*.config.{ts,js}'], rules: { 'no-restricted-syntax': 'off' } },
)
