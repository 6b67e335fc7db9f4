"""What goes out of a workspace: who wants to be told what, what is still to be sent, and the ways to send it."""
