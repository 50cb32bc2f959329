/* Surprises: prompts made of things, places and keywords that the small models have learnt (see training/). */

const THINGS =
  "a castle, a fox, an owl, a whale, a red apple, a dragon, a sailboat, a robot, a unicorn, a lion, a penguin, a rocket, " +
  "a butterfly, an octopus, a mushroom, a sunflower, a snowman, a turtle, a ghost, an elephant, a pagoda, a yellow car, " +
  "a cat, a wizard, a mermaid, a panda, a cactus, a giraffe, a volcano, a flamingo, a blue bird, a pink flower, " +
  "a jellyfish, a tiger, a train, a green dinosaur, a purple balloon, a violin, a snail";

const PLACES =
  "in the sky, at sunset, at night, under the stars, in space, underwater, in the forest, in the desert, in the snow, " +
  "in the mountains, on the beach, by the sea, in the city, in a meadow, in the jungle, on the moon, in a library, " +
  "in a castle hall, at a waterfall, in a coral reef, on a stage, in the rain, under a rainbow, in the fog";

const KEYWORDS =
  "pixel art, watercolour, oil painting, pencil sketch, low poly, black and white, charcoal drawing, neon, " +
  "stained glass, ukiyo-e, unreal engine, trending on artstation";

const listed = (text) => text.split(", ");
const oneOf = (list) => list[Math.floor(Math.random() * list.length)];

/** Another prompt than `last`. */
export function surprise(last) {
  const prompt = `${oneOf(listed(THINGS))} ${oneOf(listed(PLACES))}, ${oneOf(listed(KEYWORDS))}`;
  return prompt === last ? surprise(last) : prompt;
}

export const WORLD = { things: listed(THINGS), places: listed(PLACES), keywords: listed(KEYWORDS) };
