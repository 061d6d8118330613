"""What the owner's folders and tags say of a document: learned on the CPU, suggested, explained."""
