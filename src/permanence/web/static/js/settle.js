// « À rapprocher » by the keyboard: a figure keeps that version of the question in which the focus is.
const first = document.querySelector('[data-question][data-first]')
if (first && document.activeElement === document.body) first.focus({ preventScroll: true })

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || !/^[1-9]$/.test(event.key)) return
  if (event.target.closest('input, textarea, select')) return
  const button = event.target.closest('[data-question]')?.querySelector(`[data-key="${event.key}"]`)
  if (!button) return
  event.preventDefault()
  button.click()
})
