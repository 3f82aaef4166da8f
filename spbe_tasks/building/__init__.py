"""Files that workers build for people: ``run`` carries an order out, each kind of file has a module that writes it."""
