/* What the pages that the server renders do better with script; without it they work all the same. */

import { hangOn } from "./gallery.js";
import { likeInPlace } from "./likes.js";
import { offerSharing } from "./share.js";

const gallery = document.querySelector('[data-hook="gallery"]');
const share = document.querySelector("[data-share]");

likeInPlace(document);
if (gallery) hangOn(gallery);
if (share) offerSharing(share, document.querySelector('[data-hook="shared"]'));
