"""clipit's and pixray's own ways: their options on the command line, their calls in Python, as thin as can be.

`options` is the table; `kinds` reads values, `parser` the command line's words. `arguments` resolves options as clipit
does, `fields` says what they are in our Settings, `facade` has the calls. No torch until something is drawn.
"""
