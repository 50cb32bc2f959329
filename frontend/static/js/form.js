/* The order form: its fields as an Order for the API, and a job back into its fields. */

const number = (text) => (/^\d+$/.test(text) ? Number(text) : text);

/** Whitespace in a prompt, line breaks too, is only how it lies on the canvas. */
const oneLine = (text) => text.trim().replace(/\s+/g, " ");

/** The fields as typed: the server is the one judge of them. `start_image` is the chosen File, if any. */
export function readForm(form) {
  const fields = Object.fromEntries(new FormData(form));
  const { prompt, email, style, quality, aspect, width, height, seed, iterations, start_image } = fields;
  return {
    ...withoutBlanks({ style, quality, aspect, seed: number(seed), iterations: number(iterations) }),
    ...((width || height) && { size: [number(width), number(height)] }),
    ...(start_image?.size && { start_image }),
    prompt: oneLine(prompt),
    email: email.trim(),
    make_video: "make_video" in fields,
    public: "public" in fields,
  };
}

const withoutBlanks = (fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== "" && value !== undefined));

/** Puts what a job tells of its order back into the form; address and details stay as they are there. */
export function fillForm(form, job) {
  const fields = form.elements;
  fields.prompt.value = job.prompt;
  fields.style.value = job.style;
  fields.quality.value = job.quality;
  fields.aspect.value = job.aspect;
  fields.public.checked = job.public;
}
