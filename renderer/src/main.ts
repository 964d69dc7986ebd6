/** Starts the window in the page. */
import { mount } from 'svelte'
import { z } from 'zod'
import { findHost } from './api/host.ts'
import Window from './app/Window.svelte'
import { App } from './state/app.svelte.ts'
import './styles/tokens.css'
import './styles/base.css'

// The content security policy forbids compiling code, which zod would try for speed.
z.config({ jitless: true })

const target = document.querySelector('#window')
if (target === null) throw new Error('internal: the page has no place for the window')
const app = new App(findHost(), window)
mount(Window, { target, props: { app } })
app.start()
