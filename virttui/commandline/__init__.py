"""What is typed after ``:``: read as an intent, completed word by word, told what is wrong in it.

``read`` makes a ``Reading`` of a line: how its last word could go on, what the line would do, or
why it cannot be run. Nothing here does anything; ``screens.main.prompt_controller`` carries intents
out."""
